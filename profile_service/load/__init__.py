"""Generated citizens, and a client that brings them through their life."""
