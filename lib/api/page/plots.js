"use strict";
function countsOf(stats) { return stats.counts; }
function showHealth() {}
