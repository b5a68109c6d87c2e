package io.pageferry.agent.cli;

/** A size as an option's value, written such as 512M. */
record ByteCount(long sizeBytes) {}
