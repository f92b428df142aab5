using FluentValidation;
using MediatR;
using Wombat.Application.Pipeline;
using Wombat.Domain.Common;

namespace Wombat.Application.Tests.Pipeline;

public sealed class ValidationBehaviorTests
{
    private bool handled;

    [SetUp]
    public void Reset() => handled = false;

    [Test]
    public async Task Handle_WhenTheMessageIsValid_CallsTheHandler() =>
        Assert.That(await HandleAsync(new Message("Ada", 1), new NameValidator()), Is.EqualTo("handled"));

    [Test]
    public async Task Handle_WhenThereIsNoValidator_CallsTheHandler() =>
        Assert.That(await HandleAsync(new Message("", 0)), Is.EqualTo("handled"));

    [Test]
    public void Handle_WhenFieldsAreInvalid_ThrowsTheirMessagesByJsonName()
    {
        var invalid = Assert.ThrowsAsync<InvalidInputException>(() =>
            HandleAsync(new Message("", 0), new NameValidator(), new CountValidator(), new NameValidator())
        );
        Assert.That(invalid.Errors.Keys, Is.EquivalentTo(new[] { "full_name", "item_count" }));
        Assert.That(invalid.Errors["full_name"], Is.EqualTo(new[] { "is required", "is too short" }), "each message appears once");
        Assert.That(invalid.Errors["item_count"], Is.EqualTo(new[] { "must be positive" }));
        Assert.That(handled, Is.False);
    }

    private Task<string> HandleAsync(Message message, params IValidator<Message>[] validators) =>
        new ValidationBehavior<Message, string>(validators).Handle(
            message,
            CancellationToken.None,
            () =>
            {
                handled = true;
                return Task.FromResult("handled");
            }
        );

    internal sealed record Message(string FullName, int ItemCount) : IRequest<string>;

    private sealed class NameValidator : AbstractValidator<Message>
    {
        public NameValidator()
        {
            RuleFor(m => m.FullName).NotEmpty().WithMessage("is required");
            RuleFor(m => m.FullName).MinimumLength(2).WithMessage("is too short");
        }
    }

    private sealed class CountValidator : AbstractValidator<Message>
    {
        public CountValidator() => RuleFor(m => m.ItemCount).GreaterThan(0).WithMessage("must be positive");
    }
}
