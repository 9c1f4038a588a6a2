/** The name of the Lease by which one of several controllers leads. */
export const leaseName = "virt-controller";
