import { DiagnosticError, fail, type Point, type Sweep, type SweepPoint, selectPoints } from "@seqloom/core";
import { loadSweep } from "@seqloom/core/load";
import type { Arguments } from "../command.js";
import { homeOf, manifests } from "../manifests.js";
import { overridesOf } from "../parse.js";

/** Points that are listed where one was to be chosen. */
const SHOWN = 8;

/**
 * The points of the pipeline file of a call: all, or those that `--point` names.
 * @throws DiagnosticError when the file is wrong, or has no such points.
 */
export async function openSweep(args: Arguments): Promise<Sweep> {
  const [file] = args.positionals;
  const { sweep, diagnostics } = await loadSweep(file, {
    manifests: manifests(),
    set: overridesOf(args),
    home: homeOf(file),
  });
  if (sweep === null) throw new DiagnosticError(diagnostics);
  const wanted = args.values.point ?? [];
  if (wanted.length === 0) return sweep;
  if (sweep.points.length === 0) {
    throw fail("no-matrix", `--point ${wanted[0]}: ${file} has no matrix`, {
      hint: "Add one, such as `matrix: { axes: { units: [32, 64] } }`, or use --set params.units=64.",
    });
  }
  const chosen = new Set(wanted.flatMap((text) => selectPoints(sweep.points, text)));
  return { ...sweep, points: sweep.points.filter((point) => chosen.has(point)) };
}

/**
 * The point of the pipeline file of a call that `--point` names.
 * @throws DiagnosticError when the file is wrong, or when it has none, or several, such points.
 */
export async function openPoint(args: Arguments): Promise<{ pipeline: SweepPoint["pipeline"]; point: Point }> {
  const { points } = await openSweep(args);
  if (points.length === 1) {
    const [{ pipeline, ...point }] = points;
    return { pipeline, point };
  }
  const labels = points.slice(0, SHOWN).map(({ label }) => label);
  throw fail("several-points", `--point ${args.values.point?.join(" ")} names ${points.length} points`, {
    hint: `Name one: ${labels.join("; ")}${points.length > SHOWN ? "; …" : ""}.`,
  });
}
