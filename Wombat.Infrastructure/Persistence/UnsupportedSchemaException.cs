namespace Wombat.Infrastructure.Persistence;

/// <summary>The migrations of a database or backup are not those of this version. The message tells the operator what to do.</summary>
public sealed class UnsupportedSchemaException(string message) : Exception(message);
