"""What has to be right around a stack before its Actions decide who gets in. It only reads."""
