import { programs } from "../api/contract.ts";

/** The name of the Lease by which one of several controllers leads. */
export const leaseName = programs.controller;
