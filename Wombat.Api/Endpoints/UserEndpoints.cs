using System.ComponentModel;
using System.ComponentModel.DataAnnotations;
using System.Text.Json;
using MediatR;
using Microsoft.AspNetCore.Mvc;
using Wombat.Application.Common;
using Wombat.Application.Directories;
using Wombat.Application.Jobs;
using Wombat.Application.Users;
using Wombat.Domain.Common;
using Wombat.Domain.Users;

namespace Wombat.Api.Endpoints;

internal static class UserEndpoints
{
    public static void MapUsers(this IEndpointRouteBuilder api)
    {
        var users = api.MapGroup("/users").WithTags("Users");
        users.MapPost("/", CreateAsync).WithName("CreateUser").Produces<UserDto>(201).Fails(409).Repeatable();
        users.MapGet("/", ListAsync).WithName("ListUsers").Produces<Page<UserDto>>();
        users.MapGet("/{id}", GetAsync).WithName("GetUser").Produces<UserDto>().Fails(404);
        users.MapPut("/{id}", UpdateAsync).WithName("UpdateUser").Produces<UserDto>().Fails(404, 409, 412);
        users.MapPatch("/{id}", PatchAsync).WithName("PatchUser").Produces<UserDto>().Fails(404, 409, 412);
        api.MapPost("/directory/sync", SyncAsync).WithTags("Users").WithName("SyncDirectory").Produces<AcceptedJob>(202).Fails(409).Repeatable()
            .WithSummary("Takes over people and roles from the LDAP directory; a job, whose log is the report.");
        users.MapPost("/{id}/ssh-keys", AddKeyAsync).WithName("AddSshKey").Produces<SshKeyDto>(201).Fails(404, 409).Repeatable();
        users.MapGet("/{id}/ssh-keys", ListKeysAsync).WithName("ListSshKeys").Produces<Page<SshKeyDto>>().Fails(404);
        users.MapDelete("/{id}/ssh-keys/{key_id}", DeleteKeyAsync).WithName("DeleteSshKey").Produces(204).Fails(404);
        users.MapPost("/{id}/identities", LinkAsync).WithName("LinkIdentity").Produces<IdentityDto>(201).Fails(404, 409).Repeatable().WithSummary("Lets who brings this identity of an OpenID provider or token issuer act as the user.");
        users.MapGet("/{id}/identities", ListIdentitiesAsync).WithName("ListIdentities").Produces<Page<IdentityDto>>().Fails(404);
        users.MapDelete("/{id}/identities", UnlinkAsync).WithName("UnlinkIdentity").Produces(204).Fails(404);
    }

    private static async Task<IResult> CreateAsync(CreateUserBody body, HttpContext http, IMediator mediator, CancellationToken cancel) =>
        Answers.Created(http, await mediator.Send(new CreateUser(body.Login!, body.Details, body.Password), cancel));

    private static Task<Page<UserDto>> ListAsync(
        IMediator mediator, [AsParameters] PageQuery page, string? q, bool? active, string? role, CancellationToken cancel) =>
        mediator.Send(new ListUsers(page.ToRequest(), q, active, Words.Parse<PlatformRole>("role", role)), cancel);

    private static async Task<IResult> GetAsync(Guid id, HttpContext http, IMediator mediator, CancellationToken cancel) => Answers.Ok(http, await mediator.Send(new GetUser(id), cancel));

    private static async Task<IResult> UpdateAsync(Guid id, UpdateUserBody body, HttpContext http, IMediator mediator, CancellationToken cancel) =>
        Answers.Ok(http, await mediator.Send(new UpdateUser(id, body.Login, body.Details, Answers.IfMatch(http)), cancel));

    private static async Task<IResult> PatchAsync(Guid id, PatchUserBody body, HttpContext http, IMediator mediator, CancellationToken cancel)
    {
        var current = await mediator.Send(new GetUser(id), cancel);
        var profile = new UserProfile(
            body.Email.IsPresent ? body.Email.Value : current.Email,
            body.FullName.Or(current.FullName, ""),
            body.PlatformRole.IsPresent ? body.PlatformRole.Value ?? PlatformRole.None : current.PlatformRole,
            body.Active.IsPresent ? body.Active.Value ?? true : current.Active);
        try
        {
            return Answers.Ok(http, await mediator.Send(new UpdateUser(id, body.Login.IsPresent ? body.Login.Value : null, profile, Answers.IfMatch(http, current.Version)), cancel));
        }
        catch (StaleVersionException) when (http.Request.Headers.IfMatch.Count == 0)
        {
            throw new ConflictException("edit_conflict", "It was changed at the same moment by someone else. Repeat the change.");
        }
    }

    private static async Task<IResult> SyncAsync([FromQuery(Name = "dry_run")] bool? dryRun, IMediator mediator, CancellationToken cancel) =>
        Answers.Accepted(await mediator.Send(new SyncDirectory(dryRun ?? false), cancel));

    private static async Task<IResult> LinkAsync(Guid id, LinkIdentityBody body, IMediator mediator, CancellationToken cancel) =>
        TypedResults.Created($"/api/v1/users/{id}/identities", await mediator.Send(new LinkIdentity(id, body.Issuer, body.Subject), cancel));

    private static Task<Page<IdentityDto>> ListIdentitiesAsync(
        Guid id, IMediator mediator, [AsParameters] PageQuery page, CancellationToken cancel) =>
        mediator.Send(new ListIdentities(id, page.ToRequest()), cancel);

    private static async Task<IResult> UnlinkAsync(Guid id, string? issuer, string? subject, IMediator mediator, CancellationToken cancel)
    {
        await mediator.Send(new UnlinkIdentity(id, issuer, subject), cancel);
        return TypedResults.NoContent();
    }

    private static async Task<IResult> AddKeyAsync(Guid id, AddSshKeyBody body, IMediator mediator, CancellationToken cancel)
    {
        var key = await mediator.Send(new AddSshKey(id, body.Name, body.PublicKey!), cancel);
        return TypedResults.Created($"/api/v1/users/{id}/ssh-keys/{key.Id}", key);
    }

    private static Task<Page<SshKeyDto>> ListKeysAsync(
        Guid id, IMediator mediator, [AsParameters] PageQuery page, CancellationToken cancel) =>
        mediator.Send(new ListSshKeys(id, page.ToRequest()), cancel);

    private static async Task<IResult> DeleteKeyAsync(Guid id, [FromRoute(Name = "key_id")] Guid keyId, IMediator mediator, CancellationToken cancel)
    {
        await mediator.Send(new DeleteSshKey(id, keyId), cancel);
        return TypedResults.NoContent();
    }
}

/// <summary>What a user is made of.</summary>
internal sealed class CreateUserBody
{
    [Description("Lower-case letters, digits and . _ -; unique, never changes.")]
    [Required]
    public string? Login { get; init; }

    public string? Email { get; init; }

    public string FullName { get; init; } = "";

    public PlatformRole PlatformRole { get; init; } = PlatformRole.None;

    public bool Active { get; init; } = true;

    [Description("At least 12 characters. Without one the user signs in elsewhere.")]
    public string? Password { get; init; }

    internal UserProfile Details => new(Email, FullName, PlatformRole, Active);
}

/// <summary>A whole user. Read-only fields of an answer may be sent along and are ignored.</summary>
internal sealed class UpdateUserBody
{
    [Description("Cannot be changed; may be sent along as it is.")]
    public string? Login { get; init; }

    public string? Email { get; init; }

    public string FullName { get; init; } = "";

    public PlatformRole PlatformRole { get; init; } = PlatformRole.None;

    public bool Active { get; init; } = true;

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

    internal UserProfile Details => new(Email, FullName, PlatformRole, Active);
}

/// <summary>A merge patch (RFC 7396): what is absent stays, null resets.</summary>
internal sealed class PatchUserBody
{
    public Optional<string> Login { get; init; }

    public Optional<string> Email { get; init; }

    public Optional<string> FullName { get; init; }

    public Optional<PlatformRole?> PlatformRole { get; init; }

    public Optional<bool?> Active { get; init; }
}

internal sealed class AddSshKeyBody
{
    [Description("The key's comment when absent.")]
    public string? Name { get; init; }

    [Description("OpenSSH's one-line form: ed25519, ecdsa, rsa of at least 2048 bits, or their sk- kinds.")]
    [Required]
    public string? PublicKey { get; init; }
}

internal sealed class LinkIdentityBody
{
    [Description("The issuer's URL, as its tokens name it.")]
    [Required]
    public string? Issuer { get; init; }

    [Description("The tokens' sub.")]
    [Required]
    public string? Subject { get; init; }
}
