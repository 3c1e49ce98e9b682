import type { StageContext } from "@seqloom/core";
import type { Objective } from "../losses.js";
import { penaltyOf } from "../regularizers.js";
import type { Course } from "./course.js";
import { notFinite } from "./diverged.js";
import type { TrainingRows, TrainingState } from "./fit.js";
import { batches, INFERENCE_BATCH, infer, inOrder } from "./infer.js";
import { Memory } from "./memory.js";
import type { Pacer } from "./pacer.js";
import { Score } from "./score.js";
import { trainStep } from "./step.js";
import { pickTargets, pickWeights, type Targets } from "./targets.js";

/** What an epoch uses beside the state of the training. */
export interface EpochTools {
  readonly context: StageContext;
  readonly pacer: Pacer;
  /** Called between two steps: keeps a checkpoint when it is time for one. */
  between(): Promise<void>;
}

/**
 * Trains for what is left of an epoch, and checks the result: the numbers to show. `course` follows step by step.
 * @throws DiagnosticError `loss-not-finite`; the signal's reason when aborted: `course` then says where that was.
 */
export async function runEpoch(
  state: TrainingState,
  course: Course,
  tools: EpochTools,
): Promise<Record<string, number>> {
  const { metric } = state.objective;
  const trained = await trainEpoch(state, course, tools);
  const metrics: Record<string, number> = { loss: trained.loss, [metric]: trained.metric };
  if (state.validation !== null) {
    const checked = await validate(state, state.validation, tools.pacer);
    if (!Number.isFinite(checked.loss)) throw notFinite("validation loss is", course.epoch);
    metrics.val_loss = checked.loss;
    metrics[`val_${metric}`] = checked.metric;
  }
  if (state.optimizer.isScheduled) metrics.learning_rate = state.optimizer.learningRate;
  return metrics;
}

async function trainEpoch(
  state: TrainingState,
  course: Course,
  { context, pacer, between }: EpochTools,
): Promise<Score> {
  const { source, targets, weights } = state.train;
  const { epoch } = course;
  const order = state.shuffle
    ? context.random.fork("shuffle").fork(epoch).permutation(source.rows)
    : inOrder(source.rows);
  const dropout = context.random.fork("dropout").fork(epoch);
  const { steps } = state;
  const score = new Score(state.objective, course.sums ?? undefined);
  if (course.step === 0) state.memory.reset();
  for (const rows of batches(order.subarray(course.step * state.batchSize), state.batchSize)) {
    await pacer.pause({
      done: (epoch - 1) * steps + course.step,
      total: steps * state.epochs,
      unit: "batches",
      message: `epoch ${epoch} of ${state.epochs}`,
    });
    await between();
    const step = course.step + 1;
    const wanted = pickTargets(targets, rows);
    const own = pickWeights(weights, rows);
    const inLoss = lossWeights(state.objective, wanted, own, state.classWeights);
    const kept = trainStep(state, { source, rows, targets: wanted, weights: inLoss }, dropout.fork(step));
    try {
      const [losses, outputs, penalty] = await Promise.all(kept.map((tensor) => tensor.data()));
      score.add(losses, outputs, wanted, own, penalty?.[0]);
    } finally {
      state.device.tf.dispose(kept);
    }
    if (!Number.isFinite(score.loss)) throw notFinite("training loss is", epoch, ` step ${step} of ${steps},`);
    course.step = step;
    course.sums = score.sums;
  }
  return score;
}

/** What each row, or item, counts in the loss: its own weight times that of its class. */
function lossWeights(
  { items }: Objective,
  targets: Targets,
  own: Float32Array | null,
  classWeights: Float32Array | null,
): Float32Array | null {
  const given = items?.(targets, own) ?? own;
  if (classWeights === null) return given;
  return Float32Array.from(targets.values, (target, i) => classWeights[target] * (given === null ? 1 : given[i]));
}

async function validate(
  state: TrainingState,
  { source, targets, weights }: TrainingRows,
  pacer: Pacer,
): Promise<Score> {
  const { device, network, objective, variables } = state;
  const score = new Score(objective);
  const memory = new Memory(device.tf);
  const loaded = { device, network, weights: variables, memory };
  let done = 0;
  try {
    for (const rows of batches(inOrder(source.rows), network.stateful ? state.batchSize : INFERENCE_BATCH)) {
      await pacer.pause({ done, total: source.rows, unit: "rows", message: "validation" });
      done += rows.length;
      const wanted = pickTargets(targets, rows);
      const own = pickWeights(weights, rows);
      const [losses, outputs, penalty] = await infer(loaded, source, rows, (output, costs) => [
        objective.losses(device, output, wanted, lossWeights(objective, wanted, own, null)),
        objective.shown?.(device, output, wanted) ?? output,
        ...[penaltyOf(device, network, variables, costs)].filter((cost) => cost !== null),
      ]);
      score.add(losses, outputs, wanted, own, penalty?.[0]);
    }
  } finally {
    memory.reset();
  }
  return score;
}
