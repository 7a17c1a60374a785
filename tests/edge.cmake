# tests of edge
