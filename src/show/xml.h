/*
 * xml: text for XML, its markup escaped.
 */
#ifndef SYNSTEP_SHOW_XML_H
#define SYNSTEP_SHOW_XML_H

#include <stdio.h>

/*
 * Writes a text, between tags or in quotes. It is printable ASCII and line feeds, all of which
 * XML 1.0 section 2.2 allows; five of these are markup.
 */
void ss_xml_write(FILE *out, const char *text);

#endif
