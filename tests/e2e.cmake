# tests with real daemons
