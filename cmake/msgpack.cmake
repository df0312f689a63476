# Debian 12 calls the C library msgpack (-lmsgpackc), newer ones and Homebrew msgpack-c.
pkg_search_module(MSGPACK REQUIRED IMPORTED_TARGET msgpack-c msgpack)
