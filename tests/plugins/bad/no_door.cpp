// Its manifest has a recipient route, but it is no RecipientDoor.
#include "plain.cpp"
