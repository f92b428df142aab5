namespace Wombat.Domain.Databases;

/// <summary>An extension of PostgreSQL that the server of a database has.</summary>
/// <param name="DefaultVersion">The version that would be installed.</param>
/// <param name="InstalledVersion">The version in the database; null when it is not installed.</param>
/// <param name="Trusted">Whether the owner of the database can install it.</param>
/// <param name="Comment">What it is for.</param>
public sealed record DatabaseExtension(string Name, string? DefaultVersion, string? InstalledVersion, bool Trusted, string? Comment);
