namespace Wombat.Application.Databases;

/// <summary>The forms in which a connection is described.</summary>
public enum ConnectionFormat
{
    /// <summary>A URI of libpq.</summary>
    Uri,

    /// <summary>Environment variables of libpq.</summary>
    Env,

    /// <summary>A URL of the PostgreSQL JDBC driver.</summary>
    Jdbc,

    /// <summary>A psql command.</summary>
    Psql,

    /// <summary>A connection string of Npgsql.</summary>
    Dotnet,

    /// <summary>The manifest of a Kubernetes Secret.</summary>
    KubernetesSecret,
}
