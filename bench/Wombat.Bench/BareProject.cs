namespace Wombat.Bench;

internal sealed record BareProject(
    Guid Id,
    string Name,
    string UnixName,
    string Description,
    bool Active,
    string Visibility,
    string[] Tags,
    DateTime CreatedAt,
    DateTime UpdatedAt,
    int Version
);
