using System.ComponentModel.DataAnnotations;
using Wombat.Application.Common;
using Wombat.Application.Users;
using Wombat.Domain.Users;

namespace Wombat.Api.Endpoints;

/// <summary>Changes to a user as a merge patch (RFC 7396): a field that is absent keeps its value, null sets the default.</summary>
internal sealed class PatchUserBody
{
    /// <summary>Cannot be changed; may be sent as it is.</summary>
    public Optional<string> Login { get; init; }

    /// <summary>E-mail address.</summary>
    [StringLength(User.EmailMax)]
    public Optional<string> Email { get; init; }

    /// <summary>The name that people read.</summary>
    /// <example>Ada Lovelace</example>
    [StringLength(User.FullNameMax)]
    public Optional<string> FullName { get; init; }

    /// <summary>The role on the whole platform.</summary>
    public Optional<PlatformRole?> PlatformRole { get; init; }

    /// <summary>An inactive user cannot sign in, and their tokens are refused.</summary>
    public Optional<bool?> Active { get; init; }

    internal UserChanges ToChanges() => new(Email, FullName, PlatformRole, Active);
}
