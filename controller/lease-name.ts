import { programs } from "../api/contract/constants.ts";

/** The name of the Lease for the controllers' leader election. */
export const leaseName = programs.controller;
