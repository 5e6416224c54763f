"""The platforms' own clients; the only place that knows tweepy and praw."""
