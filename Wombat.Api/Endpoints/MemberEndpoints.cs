using MediatR;
using Microsoft.AspNetCore.Mvc;
using Wombat.Application.Common;
using Wombat.Application.Members;

namespace Wombat.Api.Endpoints;

internal static class MemberEndpoints
{
    public static void MapMembers(this IEndpointRouteBuilder api)
    {
        var members = api.MapGroup("/projects/{id}/members").WithTags("Members");
        members
            .MapPost("/", AddAsync)
            .WithName("AddMember")
            .WithSummary("Add a member")
            .WithDescription("Gives a user a role in the project.")
            .Produces<MemberDto>(201)
            .Fails(404, 409)
            .AcceptsIdempotencyKey();
        members
            .MapGet("/", ListAsync)
            .WithName("ListMembers")
            .WithSummary("List members")
            .WithDescription("The project's members and their roles, by login.")
            .Sorts(SortNames.Members)
            .Produces<Page<MemberDto>>()
            .Fails(404);
        members
            .MapPut("/{user_id}", ChangeAsync)
            .WithName("ChangeMember")
            .WithSummary("Change a member's role")
            .WithDescription("The last manager of a project cannot get another role.")
            .Produces<MemberDto>()
            .Fails(404, 409);
        members
            .MapDelete("/{user_id}", RemoveAsync)
            .WithName("RemoveMember")
            .WithSummary("Remove a member")
            .WithDescription(
                "Takes the user's role in the project, removes the SSH keys that the user gave to its containers, and revokes the "
                    + "project's tokens that the user created, unless keep_tokens=true. The last active manager cannot be removed."
            )
            .Produces(204)
            .Fails(404, 409);
    }

    private static async Task<IResult> AddAsync(Guid id, AddMemberBody body, IMediator mediator, CancellationToken cancel)
    {
        var member = await mediator.Send(new AddMember(id, body.UserId, body.Role), cancel);
        return TypedResults.Created($"/api/v1/projects/{id}/members/{member.UserId}", member);
    }

    private static Task<Page<MemberDto>> ListAsync(Guid id, IMediator mediator, [AsParameters] PageQuery page, CancellationToken cancel) =>
        mediator.Send(new ListMembers(id, page.ToRequest()), cancel);

    private static Task<MemberDto> ChangeAsync(
        Guid id,
        [FromRoute(Name = "user_id")] Guid userId,
        ChangeMemberBody body,
        IMediator mediator,
        CancellationToken cancel
    ) => mediator.Send(new ChangeMember(id, userId, body.Role), cancel);

    private static async Task<IResult> RemoveAsync(
        Guid id,
        [FromRoute(Name = "user_id")] Guid userId,
        [FromQuery(Name = "keep_tokens")] bool? keepTokens,
        IMediator mediator,
        CancellationToken cancel
    )
    {
        await mediator.Send(new RemoveMember(id, userId, keepTokens ?? false), cancel);
        return TypedResults.NoContent();
    }
}
