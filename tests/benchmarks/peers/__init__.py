"""The applications that the web benchmark compares: ours and the peers, doing the same work."""
