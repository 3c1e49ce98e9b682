/** @file The scenarios of test/conformance on a simulated GPU. A real one: `SEQLOOM_CONFORMANCE=webgpu npx vitest run test/conformance`. */
import { describe, test } from "vitest";
import { conform } from "../conformance/conform.js";
import { simulateGpu } from "./simulated.js";

const missing = await simulateGpu();

describe.skipIf(missing !== null)("a simulated GPU trains as the processor does", () => conform("webgpu", false));

if (missing !== null) test.skip(`a simulated GPU: ${missing}`);
