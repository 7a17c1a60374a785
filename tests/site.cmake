# tests of site
