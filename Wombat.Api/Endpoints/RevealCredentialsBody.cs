namespace Wombat.Api.Endpoints;

/// <summary>Whose credentials are read.</summary>
internal sealed class RevealCredentialsBody
{
    /// <summary>A user of the database; its own user when absent.</summary>
    public string? User { get; init; }
}
