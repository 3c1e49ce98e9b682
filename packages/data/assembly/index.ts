/** @file The kernel of the loaders: finds where records end. One thread, one memory. */
export { scan } from "./scan";
