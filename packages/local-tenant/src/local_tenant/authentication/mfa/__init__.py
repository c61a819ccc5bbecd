"""Second factors: who has to prove one, enrolment, codes, the MFA API and its grants."""
