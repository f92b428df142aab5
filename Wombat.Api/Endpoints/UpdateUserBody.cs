using System.ComponentModel;
using System.ComponentModel.DataAnnotations;
using System.Text.Json;
using Wombat.Application.Users;
using Wombat.Domain.Users;

namespace Wombat.Api.Endpoints;

/// <summary>All fields of a user. Read-only fields of an answer may be sent along; they are ignored.</summary>
internal sealed class UpdateUserBody : UserBody
{
    /// <summary>Cannot be changed; may be sent as it is.</summary>
    [StringLength(User.LoginMax, MinimumLength = User.LoginMin)]
    [RegularExpression(User.LoginPattern)]
    public string? Login { get; init; }

    [ReadOnly(true)]
    public JsonElement? Id { get; init; }

    [ReadOnly(true)]
    public JsonElement? HasPassword { get; init; }

    [ReadOnly(true)]
    public JsonElement? CreatedAt { get; init; }

    [ReadOnly(true)]
    public JsonElement? UpdatedAt { get; init; }

    [ReadOnly(true)]
    public JsonElement? Version { get; init; }

    internal UserChanges ToChanges() => new(new(Email), new(FullName), new(PlatformRole), new(Active));
}
