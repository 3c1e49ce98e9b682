export { type FoundAdapter, findAdapters } from "./adapter.js";
export {
  disposeWebgpu,
  registerWebgpuBackend,
  type WebgpuOptions,
  webgpuDispatches,
  webgpuIsSound,
} from "./register.js";
