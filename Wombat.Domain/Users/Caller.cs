namespace Wombat.Domain.Users;

/// <summary>Who asks, and by what credential.</summary>
/// <param name="Name">A login, or <c>admin-token</c>, or <c>system</c> for Wombat itself.</param>
/// <param name="Through">The kind of credential: <c>token</c>, <c>job</c>, <c>system</c>.</param>
/// <param name="IsAdmin">Holds every permission on everything.</param>
public sealed record Caller(string Name, string Through, bool IsAdmin)
{
    /// <summary>Wombat itself: the reconciler, the rescuer.</summary>
    public static readonly Caller System = new("system", "system", IsAdmin: true);

    /// <summary>Until roles exist, an admin may do everything and nobody else anything.</summary>
    public bool May(Permission permission) => IsAdmin && Enum.IsDefined(permission);
}
