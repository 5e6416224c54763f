"""What each figure of the digest counts, in one sentence each: the foot of every digest and a page of the docs."""

from __future__ import annotations

FIGURES: dict[str, str] = {
    "As of": "Every figure counts what was known at the end of the day in the brand's time zone (so far: now); what "
    "happened later changes nothing, except that a post deleted since is no longer quoted.",
    "Mentions": "Posts about the brand that were posted on the day and stored by its end, without those kept apart.",
    "Kept apart": "Spam, posts that the classifier is sure are about something else (relevance under 0.05; never a "
    "complaint, nor what calls your account), and posts that a rule ignores; ignored praise and thanks still count as "
    "mentions, because they only need no answer.",
    "Usual": "The median of the same count on those of the seven days before that were listened to for at least 80 % "
    "of the day; for a day so far, up to the same time of day. Where less of this day was heard, it is not said to "
    "have fewer than usual.",
    "Complaints": "Mentions that the classifier, or an agent who corrected it by the end of the day, says complain.",
    "Sentiment": "The share of negative, neutral and positive among the mentions whose sentiment is known.",
    "Spike": "Hours with at least three times, and ten more than, the usual mentions: the median of that hour on the "
    "days before, or of this day's other hours that were heard from end to end (at least three; of those with "
    "mentions where these are three) if that is higher.",
    "Topics": "Mentions and complaints by the topic recognised in them; quotes are the most severe complaints first.",
    "Most severe": "The complaints with the highest severity, and among equals the surest.",
    "Worst verbatim": "The complaint with the most negative words, as it was written.",
    "Unanswered": "Cases open at the end of the day whose author was owed a reply: no agent had delivered one, or they "
    "wrote again after it or rewrote their post, thanks and praise aside, as the classifier or an agent who corrected "
    "it says; an automated reply to a complaint or a question changes nothing.",
    "Promise kept": "Of the first responses that were due on the day, or before it where the post was first heard on "
    "it, the share delivered in time; cases that were closed without a reply, or settled by an automated one, before "
    "they were due are left out and counted beside it.",
    "First response": "The time from the post to the first delivered reply by an agent, also by hand, for cases "
    "first answered on the day: the median, and the time that 90 in 100 did not exceed; a dry run is no reply.",
    "Automated replies": "Replies that a rule sent on the day: they acknowledge and are no first response, and settle "
    "a case only where nobody is owed more (thanks, praise), and that case is then neither answered nor unanswered.",
    "By audience": "First response times by the author's followers when they posted, so that it shows whether people "
    "with few followers wait longer; Reddit does not tell followers.",
    "Reply rate": "Of the cases opened on the day and not settled by an automated reply alone, the share with an "
    "agent's delivered reply by its end.",
    "Recovery": "Authors who posted on the day after an agent's reply of up to 14 days before its end: the sentiment "
    "of their newest post beside that of their last one before the reply; automated replies do not count here either.",
    "Classifier": "Of the mentions in cases that agents worked on that day, the share they did not correct; what they "
    "took back the same day counts as agreed.",
    "Not heard": "Stretches of the day that a source did not listen to, as known when the digest was made: recorded "
    "gaps, also those that were read later; and, from five minutes or three missed turns on, unrecorded ones and what "
    "was read only after the day.",
    "Heard": "How much of the day each source read, in time or later; a gap that is open when the digest is made, and "
    "what is lost, are not heard.",
    "Heard late": "Mentions posted up to 30 days before this day and stored only on it, or up to two days before and "
    "first read by the classifier on it: no earlier digest has what they say.",
    "Spent": "What the whole installation paid to the platforms on the day, all brands together; a call under way "
    "counts with the sum reserved for it.",
    "Outbox problems": "Answers that were refused, became uncertain or were parked on the day, and where they stood "
    "at its end.",
}
