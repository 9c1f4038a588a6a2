import { programs } from "../api/contract/constants.ts";

/** The name of the Lease by which one of several controllers leads. */
export const leaseName = programs.controller;
