"""The REST twin of the service crew: turnouts, crews, operations, figures, programmes."""
