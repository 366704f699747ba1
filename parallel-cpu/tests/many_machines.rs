//! Jobs on several machines, against a real server.
