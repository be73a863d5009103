/** Fields by which a member proves anew who it is, whatever else the form is about. */
export const PROOF_FIELDS = ['proof_password', 'proof_code'] as const;
