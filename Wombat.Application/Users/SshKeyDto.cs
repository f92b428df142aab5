namespace Wombat.Application.Users;

/// <summary>A public SSH key of a user.</summary>
public sealed class SshKeyDto
{
    public Guid Id { get; init; }

    public string Name { get; init; } = "";

    public string Type { get; init; } = "";

    public string Comment { get; init; } = "";

    public string Fingerprint { get; init; } = "";

    public string PublicKey { get; init; } = "";

    public DateTimeOffset CreatedAt { get; init; }
}
