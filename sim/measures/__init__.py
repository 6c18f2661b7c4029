"""What a run says about service, with intervals."""
