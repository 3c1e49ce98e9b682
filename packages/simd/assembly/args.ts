// The argument block: the main thread fills it before it starts a task; the threads only read it.

/** Address of the integer arguments (at most 128); the numbers follow at FLOATS. */
export const ARGUMENTS: usize = 1024;
export const FLOATS: usize = 1536;

/** The integer (or flag) argument at an index. */
// @ts-ignore: decorator
@inline
export function integer(index: i32): i32 {
  return load<i32>(ARGUMENTS + (<usize>index << 2));
}

/** The pointer argument at an index; 0 means that it is absent. */
// @ts-ignore: decorator
@inline
export function pointer(index: i32): usize {
  return load<usize>(ARGUMENTS + (<usize>index << 2));
}

/** The number at an index of the number arguments. */
// @ts-ignore: decorator
@inline
export function number(index: i32): f32 {
  return load<f32>(FLOATS + (<usize>index << 2));
}

// @ts-ignore: decorator
@inline
export function roundUp(value: i32, multiple: i32): i32 {
  return ((value + multiple - 1) / multiple) * multiple;
}

// @ts-ignore: decorator
@inline
export function ceilDivide(value: i32, by: i32): i32 {
  return (value + by - 1) / by;
}
