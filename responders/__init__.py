"""responders answers: routing, eligibility, cases, templates, outbox, digest, the desk."""
