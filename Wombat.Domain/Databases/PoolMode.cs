namespace Wombat.Domain.Databases;

/// <summary>How a connection pooler assigns server connections to clients.</summary>
public enum PoolMode
{
    Session,
    Transaction,
}
