/*
 * graph_svg: a connection's time-sequence graph as a picture, SVG 1.1 with a style sheet of its own
 * and no script, readable on light and on dark ground. Segments, marks and findings tell by their
 * <title> what they are, as long as there are not too many.
 *
 * Its size is bounded as the graph is: what falls on the same tenth of a pixel is written once.
 */
#ifndef SYNSTEP_GRAPH_SVG_H
#define SYNSTEP_GRAPH_SVG_H

#include "synstep/graph.h"
#include "synstep/status.h"

/*
 * Creates (or empties) the picture, "-" being standard output; `file` is the capture as it is told.
 * SS_USAGE when it cannot be created, SS_NO_SPACE or SS_IO when it could not be written whole.
 */
enum ss_status ss_graph_svg_write(const char *path, const struct ss_graph *graph, const char *file,
                                  struct ss_problem *problem);

#endif
