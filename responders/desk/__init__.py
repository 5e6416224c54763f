"""The desk: the web pages at which agents answer. Every page is made on the server; htmx brings what changed."""
