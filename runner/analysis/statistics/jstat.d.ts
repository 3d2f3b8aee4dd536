/** The part of jstat (https://jstat.github.io) that is used here; the package has no types. */
declare module 'jstat' {
  interface JStat {
    /** Inverse of a square matrix by Gauss and Jordan; not finite where there is none. */
    inv(matrix: readonly (readonly number[])[]): number[][]
    readonly studentt: {
      /** Quantile of Student's t with `dof` degrees of freedom. */
      inv(p: number, dof: number): number
      /** Probability that Student's t with `dof` degrees of freedom is at most `x`. */
      cdf(x: number, dof: number): number
    }
    readonly centralF: {
      /** Quantile of Fisher's F. */
      inv(p: number, dof1: number, dof2: number): number
    }
  }
  const module: { readonly jStat: JStat }
  export default module
}
