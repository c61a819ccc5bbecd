/**
 * A documented shape as an Action must read it: every field can be missing or null, and a value is unknown until it is
 * checked. So the type checker refuses an Action that would throw, or decide, on a field that is not there.
 */
export type Untrusted<Shape> = Shape extends object
  ? { readonly [Key in keyof Shape]?: Untrusted<Shape[Key]> | null }
  : unknown;
