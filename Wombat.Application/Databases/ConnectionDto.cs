namespace Wombat.Application.Databases;

/// <summary>A description of the connection with a placeholder for the password.</summary>
public sealed record ConnectionDto(ConnectionFormat Format, string Content);
