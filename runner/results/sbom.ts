/** A component of CycloneDX 1.5, as far as it is read here: https://cyclonedx.org/docs/1.5/json/ */
type Component = Readonly<{
  'bom-ref': string
  type: string
  name: string
  properties?: readonly Readonly<{ name: string; value: string }>[]
}>
type Dependency = Readonly<{ ref: string; dependsOn?: readonly string[] }>

/** A bill of materials as `npm sbom` gives it. */
export type Bom = Readonly<{
  bomFormat: string
  specVersion: string
  metadata: Readonly<{ component: Component }>
  components: readonly Component[]
  dependencies: readonly Dependency[]
}>

/** What a service under test is made of. */
export type ArmBom = Readonly<{ folder: string; bom: Bom }>

const DEVELOPMENT = 'cdx:npm:package:development'

/**
 * Without what is only there to develop with. `npm sbom --omit=dev` (npm 11.19) also drops packages that
 * both the kit and its tools need.
 */
export function withoutDevelopment(bom: Bom): Bom {
  const isTool = ({ properties = [] }: Component): boolean =>
    properties.some(({ name, value }) => name === DEVELOPMENT && value === 'true')
  const tools = new Set(bom.components.filter(isTool).map((component) => component['bom-ref']))
  return {
    ...bom,
    components: bom.components.filter((component) => !tools.has(component['bom-ref'])),
    dependencies: bom.dependencies
      .filter(({ ref }) => !tools.has(ref))
      .map(({ ref, dependsOn = [] }) => ({
        ref,
        dependsOn: dependsOn.filter((other) => !tools.has(other)),
      })),
  }
}

/**
 * One bill for the kit and the services under test. Each service is an application among the kit's
 * components, its own within it; its references are led by its folder, since the same package may be
 * in both and a reference must be unique.
 */
export function joinBoms(kit: Bom, arms: readonly ArmBom[]): Bom {
  return {
    ...kit,
    components: [...kit.components, ...arms.map(asComponent)],
    dependencies: [...kit.dependencies, ...arms.flatMap(dependencies)],
  }
}

function asComponent({ folder, bom }: ArmBom): Component & { components: Component[] } {
  const { component } = bom.metadata
  return {
    ...component,
    type: 'application',
    'bom-ref': refIn(folder, component['bom-ref']),
    components: bom.components.map((part) => ({
      ...part,
      'bom-ref': refIn(folder, part['bom-ref']),
    })),
  }
}

function dependencies({ folder, bom }: ArmBom): Dependency[] {
  return bom.dependencies.map(({ ref, dependsOn = [] }) => ({
    ref: refIn(folder, ref),
    dependsOn: dependsOn.map((other) => refIn(folder, other)),
  }))
}

const refIn = (folder: string, ref: string): string => `${folder}/${ref}`
