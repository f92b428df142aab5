namespace Wombat.Application.Databases;

/// <summary>The data of an event about revealed credentials.</summary>
public sealed record RevealedCredentials(string Name, string User);
