export const words = ["a", "b"];
