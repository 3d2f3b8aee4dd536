"""The commerce service of services/contract.yaml, in FastAPI and SQLAlchemy."""
