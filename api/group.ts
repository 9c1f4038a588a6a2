/** The API group of the kinds. */
export const group = { name: "kubevirt.io", version: "v1", apiVersion: "kubevirt.io/v1" } as const;
