//go:build darwin && cgo

// Notifications through UserNotifications (macOS 10.14 and later). What is
// decided, is decided in Go; this only translates. Never compiled so far: see
// docs/platforms.md.

#import <Foundation/Foundation.h>
#import <UserNotifications/UserNotifications.h>
#include "_cgo_export.h"

static const NSUInteger maxCategories = 64;

@interface BellwireDelegate : NSObject <UNUserNotificationCenterDelegate>
@property(nonatomic) uintptr_t backend;
@property(nonatomic, strong) NSMutableDictionary<NSString *, UNNotificationCategory *> *categories;
@end

@implementation BellwireDelegate

// Shown even while Bellwire's window is in front.
- (void)userNotificationCenter:(UNUserNotificationCenter *)center
       willPresentNotification:(UNNotification *)notification
         withCompletionHandler:(void (^)(UNNotificationPresentationOptions))done {
  if (@available(macOS 11.0, *)) {
    done(UNNotificationPresentationOptionBanner | UNNotificationPresentationOptionList | UNNotificationPresentationOptionSound);
  } else {
    done(UNNotificationPresentationOptionAlert | UNNotificationPresentationOptionSound);
  }
}

- (void)userNotificationCenter:(UNUserNotificationCenter *)center
    didReceiveNotificationResponse:(UNNotificationResponse *)response
             withCompletionHandler:(void (^)(void))done {
  id ticket = response.notification.request.content.userInfo[@"ticket"];
  if ([ticket isKindOfClass:[NSString class]]) {
    char *text = (char *)[ticket UTF8String];
    NSString *action = response.actionIdentifier;
    if ([action isEqualToString:UNNotificationDismissActionIdentifier]) {
      bellwireDismissed(self.backend, text);
    } else if ([action isEqualToString:UNNotificationDefaultActionIdentifier]) {
      bellwireClicked(self.backend, text, (char *)"");
    } else {
      bellwireClicked(self.backend, text, (char *)[action UTF8String]);
    }
  }
  done();
}

// The category with these buttons, known to the system from now on.
- (void)useCategory:(NSDictionary *)note {
  @synchronized(self) {
    NSString *name = note[@"category"];
    if (self.categories[name] != nil) {
      return;
    }
    if (self.categories.count >= maxCategories) {
      [self.categories removeAllObjects];
    }
    NSMutableArray<UNNotificationAction *> *actions = [NSMutableArray array];
    for (NSDictionary *button in note[@"buttons"]) {
      UNNotificationActionOptions options = [button[@"front"] boolValue] ? UNNotificationActionOptionForeground : UNNotificationActionOptionNone;
      [actions addObject:[UNNotificationAction actionWithIdentifier:button[@"id"] title:button[@"label"] options:options]];
    }
    self.categories[name] = [UNNotificationCategory categoryWithIdentifier:name
                                                                   actions:actions
                                                         intentIdentifiers:@[]
                                                                   options:UNNotificationCategoryOptionCustomDismissAction];
    [[UNUserNotificationCenter currentNotificationCenter] setNotificationCategories:[NSSet setWithArray:self.categories.allValues]];
  }
}

@end

// The centre holds its delegate weakly.
static BellwireDelegate *delegate;

int bellwireBundled(void) { return [[NSBundle mainBundle] bundleIdentifier] != nil; }

void bellwireStart(uintptr_t backend) {
  @autoreleasepool {
    delegate = [BellwireDelegate new];
    delegate.backend = backend;
    delegate.categories = [NSMutableDictionary dictionary];
    UNUserNotificationCenter *center = [UNUserNotificationCenter currentNotificationCenter];
    center.delegate = delegate;
    [center requestAuthorizationWithOptions:UNAuthorizationOptionAlert | UNAuthorizationOptionSound
                          completionHandler:^(BOOL granted, NSError *error) {
                            if (!granted) {
                              bellwireRefused(backend);
                            }
                          }];
  }
}

void bellwireStop(void) {
  @autoreleasepool {
    [UNUserNotificationCenter currentNotificationCenter].delegate = nil;
    delegate = nil;
  }
}

// The picture is moved by the system, so that it gets a copy.
static UNNotificationAttachment *attachment(NSString *path) {
  NSString *name = [[NSUUID UUID].UUIDString stringByAppendingPathExtension:path.pathExtension];
  NSURL *copy = [NSURL fileURLWithPath:[NSTemporaryDirectory() stringByAppendingPathComponent:name]];
  if (![[NSFileManager defaultManager] copyItemAtURL:[NSURL fileURLWithPath:path] toURL:copy error:nil]) {
    return nil;
  }
  UNNotificationAttachment *made = [UNNotificationAttachment attachmentWithIdentifier:@"" URL:copy options:nil error:nil];
  if (made == nil) {
    [[NSFileManager defaultManager] removeItemAtURL:copy error:nil];
  }
  return made;
}

void bellwireShow(uintptr_t answer, const char *json) {
  @autoreleasepool {
    NSData *data = [NSData dataWithBytes:json length:strlen(json)];
    NSDictionary *note = [NSJSONSerialization JSONObjectWithData:data options:0 error:nil];
    if (![note isKindOfClass:[NSDictionary class]]) {
      bellwireShown(answer, -1, (char *)"the request could not be read");
      return;
    }
    UNMutableNotificationContent *content = [UNMutableNotificationContent new];
    content.title = note[@"title"];
    content.subtitle = note[@"subtitle"];
    content.body = note[@"body"];
    content.threadIdentifier = note[@"thread"];
    content.userInfo = @{@"ticket" : note[@"ticket"]};
    content.sound = [note[@"sound"] boolValue] ? [UNNotificationSound defaultSound] : nil;
    if (@available(macOS 12.0, *)) {
      content.interruptionLevel = (UNNotificationInterruptionLevel)[note[@"level"] unsignedIntegerValue];
    }
    [delegate useCategory:note];
    content.categoryIdentifier = note[@"category"];
    if ([note[@"image"] length] > 0) {
      UNNotificationAttachment *image = attachment(note[@"image"]);
      if (image != nil) {
        content.attachments = @[ image ];
      }
    }
    UNNotificationRequest *request = [UNNotificationRequest requestWithIdentifier:note[@"id"] content:content trigger:nil];
    [[UNUserNotificationCenter currentNotificationCenter]
        addNotificationRequest:request
         withCompletionHandler:^(NSError *error) {
           if (error == nil) {
             bellwireShown(answer, 0, (char *)"");
             return;
           }
           BOOL ours = [error.domain isEqualToString:UNErrorDomain];
           bellwireShown(answer, ours ? (int)error.code : -1, (char *)[[error localizedDescription] UTF8String]);
         }];
  }
}
