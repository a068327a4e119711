// The kinds of identifiers that there are, for where somebody chooses one.
import type { Label } from "./wire";

/** Every kind of identifier; the type says so, so a new one of the server's does not go unnamed. */
const NAMED: Record<Label, true> = {
  PERSON: true,
  PHONE: true,
  EMAIL: true,
  ADDRESS: true,
  NIK: true,
  KK: true,
  NPWP: true,
  BPJS: true,
  PASSPORT: true,
  MEDICAL_RECORD: true,
  BANK_ACCOUNT: true,
  CARD: true,
  PLATE: true,
  IP: true,
  GEO: true,
  DOB: true,
  USERNAME: true,
  SECRET: true,
};
export const LABELS = Object.keys(NAMED) as Label[];
