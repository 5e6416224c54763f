"""The temporary tables behind ``store/service_metrics.py``: a day's cases as they stood at its end, agents' replies.

A reply is delivered when its outbox message was sent and was no dry run, when an agent said that they answered by hand,
or when a post of ours that answers by hand was noticed. An automated one answers nobody: it acknowledges a post, or
settles the case where nobody is owed more, which shows as ``case.pending`` by a rule. Replayed cases are never counted:
nobody owes them an answer.
"""

from __future__ import annotations

# The first reply by hand leaves no outbox message, only the case's first response; a dry run leaves both, and is none.
_BY_HAND = """
CASE WHEN c.first_response_at < :by AND NOT EXISTS (
  SELECT 1 FROM outbox o WHERE o.case_id = c.id AND o.state = 'sent' AND o.sent_at = c.first_response_at
) THEN c.first_response_at END
"""
_SENT = "FROM outbox o WHERE o.case_id = c.id AND o.state = 'sent' AND o.dry_run = 0 AND o.sent_at < :by"
_BY_AGENTS = f"{_SENT} AND o.automated = 0"
_EVENTS = "FROM events e WHERE e.case_id = c.id AND e.at < :by"
_SAID_BY_HAND = """
e.kind = 'case.by_hand' AND coalesce((
  SELECT n.kind FROM events n WHERE n.case_id = e.case_id AND n.id > e.id
    AND n.kind IN ('case.by_hand', 'case.not_by_hand') ORDER BY n.id LIMIT 1), '') <> 'case.not_by_hand' -- taken back
"""
_BY_A_RULE = "e.kind = 'case.pending' AND e.actor >= 'rule:' AND e.actor < 'rule;'"
# What agents corrected stands over what the classifier said.
_CORRECTED = """
(SELECT lower(k.corrected) FROM corrections k WHERE k.mention_id = m.id AND k.field = '{}' AND k.at < :by
  ORDER BY k.id DESC LIMIT 1)
"""
# An edit of the words is read again; one that leaves them alone is not.
_REWRITTEN = """
EXISTS (
  SELECT 1 FROM events e JOIN assessments a ON a.mention_id = e.mention_id AND a.assessed_at >= e.at
  WHERE e.mention_id = m.id AND e.kind = 'mention.edited' AND a.assessed_at < :by
    AND e.at > max(t.nothing_owed_at, coalesce(t.noticed_at, '')))
"""
# Whether a case was closed, or settled by a rule's reply, when its first response was due.
NOTHING_OWED_WHEN_DUE = f"""
(SELECT e.kind <> 'case.reopened' FROM events e
 WHERE e.case_id = t.id AND e.at <= t.due_at AND (e.kind IN ('case.resolved', 'case.reopened') OR {_BY_A_RULE})
 ORDER BY e.id DESC LIMIT 1)
"""
# promised_at: when the promise was made, which is again when the author of a closed case writes again.
# excused_at: until when a rule's reply left nobody owed. settled_at: the same, where that still stands by itself.
CASES = f"""
CREATE TEMP TABLE digest_cases AS
WITH replied AS (
  SELECT c.id, {_BY_HAND} AS by_hand_at,
    (SELECT min(o.sent_at) {_BY_AGENTS}) AS first_sent_at,
    (SELECT max(o.approved_at) {_BY_AGENTS}) AS last_approved_at, -- what joined later was not answered by it
    (SELECT max(w.posted_at) FROM own_posts w WHERE w.case_id = c.id AND w.posted_at < :by) AS noticed_at,
    (SELECT max(e.at) {_EVENTS} AND {_SAID_BY_HAND}) AS last_by_hand_at,
    (SELECT max(o.sent_at) {_SENT} AND o.automated = 1) AS acknowledged_at,
    (SELECT max(e.at) {_EVENTS} AND {_BY_A_RULE}) AS excused_at
  FROM cases c
  WHERE c.brand = :brand AND c.replayed = 0 AND c.opened_at < :by
    AND (c.resolved_at IS NULL OR max(c.resolved_at, c.opened_at, coalesce(c.due_at, ''),
      coalesce(c.first_response_at, '')) >= :start)
), timed AS (
  SELECT c.id, c.platform, c.author_id, c.priority, c.severity, c.opened_at, c.first_post_at, c.due_at,
    CASE WHEN c.resolved_at < :by THEN c.resolved_at ELSE (
      SELECT CASE e.kind WHEN 'case.resolved' THEN e.at END {_EVENTS}
        AND e.kind IN ('case.resolved', 'case.reopened') ORDER BY e.id DESC LIMIT 1) END AS closed_at,
    min(coalesce(r.first_sent_at, r.by_hand_at), coalesce(r.by_hand_at, r.first_sent_at)) AS answered_at,
    max(coalesce(r.last_approved_at, ''), coalesce(r.by_hand_at, ''), coalesce(r.last_by_hand_at, ''),
      coalesce(r.excused_at, '')) AS nothing_owed_at,
    CASE WHEN r.excused_at IS NOT NULL AND r.by_hand_at IS NULL AND r.first_sent_at IS NULL THEN (
      SELECT CASE e.kind WHEN 'case.pending' THEN e.at END {_EVENTS}
        AND (e.kind = 'case.reopened' OR {_BY_A_RULE}) ORDER BY e.id DESC LIMIT 1) END AS settled_at,
    r.acknowledged_at, r.noticed_at
  FROM replied r JOIN cases c ON c.id = r.id
)
SELECT t.*,
  coalesce((
    SELECT max(e.at) FROM events e WHERE e.case_id = t.id AND (
      e.kind = 'case.live' OR e.kind = 'case.joined' AND json_extract(e.detail, '$.due_at') IS NOT NULL)
  ), t.opened_at) AS promised_at,
  CASE WHEN t.platform = 'x' THEN (
    SELECT CASE WHEN coalesce(m.deleted_at, m.redacted_at) IS NULL THEN m.audience END -- it goes with the text
    FROM case_mentions j JOIN mentions m ON m.id = j.mention_id
    WHERE j.case_id = t.id ORDER BY m.posted_at, m.id LIMIT 1) END AS audience,
  CASE WHEN t.closed_at IS NULL THEN (
    SELECT m.id FROM case_mentions j JOIN mentions m ON m.id = j.mention_id
    WHERE j.case_id = t.id AND j.joined_at < :by AND (
        j.joined_at > t.nothing_owed_at AND m.posted_at > coalesce(t.noticed_at, '') OR {_REWRITTEN})
      AND (m.deleted_at IS NULL OR m.deleted_at >= :by)
      AND (coalesce({_CORRECTED.format("complaint")}, '') IN ('1', 'true', 'yes') OR coalesce(
        {_CORRECTED.format("kind")},
        (SELECT kind FROM assessments WHERE mention_id = m.id AND assessed_at < :by ORDER BY id DESC LIMIT 1), '')
        NOT IN ('thanks', 'praise', 'spam'))
      AND NOT EXISTS (
        SELECT 1 FROM decisions d WHERE d.mention_id = m.id AND d.rule = 'opt-out' AND d.action = 'ignore')
    ORDER BY m.posted_at, m.id LIMIT 1) END AS owed_mention_id
FROM timed t
"""
REPLIES = f"""
CREATE TEMP TABLE digest_replies AS
SELECT c.id AS case_id, c.author_id, o.sent_at AS at FROM outbox o JOIN cases c ON c.id = o.case_id
WHERE o.platform IN ('x', 'reddit') AND o.state = 'sent' AND o.sent_at >= :since AND o.sent_at < :by
  AND o.dry_run = 0 AND o.automated = 0 AND c.brand = :brand AND c.replayed = 0
UNION
SELECT c.id, c.author_id, w.posted_at FROM own_posts w JOIN cases c ON c.id = w.case_id
WHERE w.posted_at >= :since AND w.posted_at < :by AND c.brand = :brand AND c.replayed = 0
UNION
SELECT c.id, c.author_id, e.at FROM events e JOIN cases c ON c.id = e.case_id
WHERE {_SAID_BY_HAND} AND e.at >= :since AND e.at < :by AND c.brand = :brand AND c.replayed = 0
UNION
SELECT c.id, c.author_id, {_BY_HAND} FROM cases c
WHERE c.brand = :brand AND c.replayed = 0 AND c.first_response_at >= :since
"""
