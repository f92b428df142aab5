namespace Wombat.Api.Endpoints;

/// <summary>How credentials are rotated.</summary>
internal sealed class RotateCredentialsBody
{
    /// <summary>A user of the database; its own user when absent.</summary>
    public string? User { get; init; }

    /// <summary>Whether open sessions of the user are ended.</summary>
    public bool EndSessions { get; init; }
}
